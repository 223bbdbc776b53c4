import "./shared.css";
import { step } from "./step.ts";

let counted = 0;
export const count = (): number => (counted += step);
