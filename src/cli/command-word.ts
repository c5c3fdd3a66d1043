/** The common options that take a word of their own. */
const VALUED: readonly string[] = ["-C", "--as", "--remote", "--branch"];

/** The first word that is neither an option nor the word of one; "" when there is none. */
export function commandWord(args: readonly string[]): string {
  return args.find((arg, index) => !arg.startsWith("-") && !VALUED.includes(args[index - 1] ?? "")) ?? "";
}
