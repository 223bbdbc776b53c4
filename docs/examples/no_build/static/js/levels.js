export function describe(metres) {
  return metres > 4 ? "high water" : metres < 1.5 ? "low water" : "between the tides";
}
