import { LitElement, css, html } from "lit";
import { describe } from "./levels.js";

class TideGauge extends LitElement {
  static properties = { level: { type: Number } };
  static styles = css`
    :host { display: block; border-left: 0.5rem solid teal; padding-left: 1rem }
  `;

  render() {
    return html`<p>${this.level} m: ${describe(this.level)}</p>`;
  }
}

customElements.define("tide-gauge", TideGauge);
