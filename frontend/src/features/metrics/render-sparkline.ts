/** The path of a sparkline (SVG, `d`) in a box of the given size; gaps interrupt it. Empty when nothing is known. */
export function renderSparkline(
  values: readonly (number | null)[],
  { width, height, max }: { readonly width: number; readonly height: number; readonly max: number },
): string {
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  let isDrawing = false;
  return values
    .flatMap((value, index) => {
      if (value === null) {
        isDrawing = false;
        return [];
      }
      const y = height - (Math.min(max, Math.max(0, value)) / max) * height;
      const point = `${round(index * step)} ${round(y)}`;
      // A point between gaps is a line to itself, which round ends make a dot.
      const command = isDrawing ? `L${point}` : `M${point}L${point}`;
      isDrawing = true;
      return [command];
    })
    .join('');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
