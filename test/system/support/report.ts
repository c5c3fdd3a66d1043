/** What one operation of a driver was told. */
export type Told =
  /** It is done, by this commit. */
  | { readonly kind: "done"; readonly op: string; readonly commit: string }
  /** It was so already: nothing is written. */
  | { readonly kind: "already_so"; readonly op: string }
  | { readonly kind: "refused"; readonly why: string };

export interface Report {
  readonly id: string;
  readonly told: Told;
  /** The op ids that were made for it, its own first. */
  readonly opIds: readonly string[];
}
