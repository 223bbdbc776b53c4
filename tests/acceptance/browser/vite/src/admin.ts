import { count } from "./shared.ts";

document.body.dataset.admin = String(count());
