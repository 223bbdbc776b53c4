import htmx from "htmx.org";
import "./gauge.js";

document.documentElement.dataset.htmx = htmx.version;
