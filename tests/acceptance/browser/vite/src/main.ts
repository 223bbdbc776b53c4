import "./main.css";
import lamp from "./lamp.svg";
import { count } from "./shared.ts";

const image: HTMLImageElement = new Image();
image.src = lamp;
document.body.append(image);
document.body.dataset.main = String(count());
import("./later.ts").then((later) => later.tell());
