const POINTS = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"];

/** Degrees from north, clockwise, of a point as seen from the middle of a box. */
export function bearing(box, x, y) {
  const angle = Math.atan2(x - box.left - box.width / 2, box.top + box.height / 2 - y);
  return ((angle * 180) / Math.PI + 360) % 360;
}

export function describe(degrees) {
  return `${POINTS[Math.round(degrees / 45) % 8]} ${Math.round(degrees)}°`;
}
