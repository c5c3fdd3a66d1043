/** A file of its own, so that the program loads it only for text that is not plain: its tables take long to load. */
import stringWidth from "string-width";

/** How many columns of a terminal a text takes. */
export function displayWidth(text: string): number {
  return stringWidth(text);
}
