import { type Duration, type Instant, MINUTE } from "../domain/instant.ts";
import { coarseSeconds, type Finding, finding } from "./finding.ts";
import type { FolderLock } from "./machine-lock.ts";
import { isStopped } from "./process-owner.ts";

/** One exchange with the remote takes no longer; a batch may be several. */
const LONG: Duration = MINUTE;

/** A process that has the lock and does not go on keeps all others of this clone waiting. */
export function inspectMachineLock(lock: FolderLock, now: Instant): Finding {
  const name = "process";
  const held = lock.held();
  if (held === null) return finding(name, "ok", "no process of this clone keeps others waiting");
  const { owner, since } = held;
  const who = `process ${owner.pid} has had this clone's lock for ${coarseSeconds(Math.max(0, now - since))}`;
  const hint = `Everything that writes waits for it. Let it go on with \`kill -CONT ${owner.pid}\`, or end it.`;
  if (isStopped(owner)) return finding(name, "warn", `${who} and is stopped`, hint);
  if (now - since > LONG)
    return finding(name, "warn", who, "Everything that writes waits for it, and it may wait for the remote.");
  return finding(name, "ok", `${who}, at work`);
}
