import { printable } from "../../domain/printable.ts";
import { displayWidth } from "./width.ts";

/**
 * Aligned columns, two spaces apart, no borders. Every cell is made printable: board texts cannot move the
 * cursor. The last column is not padded.
 */
export function table(rows: readonly (readonly string[])[], indent = ""): string {
  const cells = rows.map((row) => row.map(printable));
  const widths: number[] = [];
  for (const row of cells) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
    });
  }
  const lines = cells.map((row) =>
    row
      .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - widthOf(cell)))
      .join("  ")
      .trimEnd(),
  );
  return lines.map((line) => `${indent}${line}\n`).join("");
}

const widthOf = (cell: string): number => (/^[ -~]*$/.test(cell) ? cell.length : displayWidth(cell));
