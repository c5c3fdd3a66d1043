import type { Command } from "commander";
import type { Workshop } from "../../agents/ports.ts";
import type { FailureReport } from "../exit.ts";
import { type CommonOptions, document, guarded, type Surroundings, showFailure } from "../face.ts";

/** What a command says that works on files and not on the board. */
export interface LocalReport {
  /** The fields of the JSON document. */
  readonly json: Readonly<Record<string, unknown>>;
  /** Data, on standard output. */
  readonly text: string;
  /** What is left to do, on standard error. */
  readonly notes?: readonly string[];
  /** What went wrong for a part of it. */
  readonly failure?: FailureReport;
}

/** Runs such a command: no tip is read, so `seq` and `commit` are null. */
export async function showLocal(
  surroundings: Surroundings,
  command: Command,
  work: (workshop: Workshop) => Promise<LocalReport>,
): Promise<void> {
  const options = command.optsWithGlobals<CommonOptions>();
  await guarded(surroundings, options.json === true, async () => {
    const { json, text, notes = [], failure } = await work(await surroundings.workshop(options));
    const place = { seq: null, commit: null };
    if (failure) {
      if (!options.json) surroundings.out(text);
      return showFailure(
        surroundings,
        options.json === true,
        { ...failure, data: { ...json, ...failure.data } },
        place,
      );
    }
    if (options.json) return surroundings.out(document({ ok: true, ...place, ...json, notes }));
    surroundings.out(text);
    for (const note of notes) surroundings.err(`note: ${note}\n`);
  });
}
