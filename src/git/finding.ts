/** What `doctor` shows: the shape of the app layer's `Check`. */
export interface Finding {
  readonly name: string;
  readonly status: "ok" | "warn" | "fail";
  readonly message: string;
  readonly hint: string | null;
}

export const finding = (
  name: string,
  status: Finding["status"],
  message: string,
  hint: string | null = null,
): Finding => ({ name, status, message, hint });

export const coarseSeconds = (milliseconds: number): string => `${Math.round(milliseconds / 1000)} s`;
