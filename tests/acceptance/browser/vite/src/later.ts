import { count } from "./shared.ts";

export function tell(): void {
  document.body.dataset.later = String(count());
}
