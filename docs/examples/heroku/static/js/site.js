import { bearing, describe } from "./compass.js";

const rose = document.querySelector(".rose");

addEventListener("pointermove", (event) => {
  const degrees = bearing(rose.getBoundingClientRect(), event.clientX, event.clientY);
  rose.style.rotate = `${degrees}deg`;
  document.querySelector("output").value = describe(degrees);
});
