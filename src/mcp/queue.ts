/** Thrown to those who wait when the queue is closed. */
export class QueueClosed extends Error {
  override readonly name = "QueueClosed";
  constructor() {
    super("the client has gone");
  }
}

/**
 * One piece of work after the other, in the order in which they came: the calls of one client are one session, and
 * pushes of one session against each other would only lose races.
 */
export class Queue {
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;
  readonly #waiting = new Map<string, Promise<unknown>>();

  /** @param signal aborted: the work is not begun any more */
  run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const result = this.#last.then(() => {
      if (this.#closed) throw new QueueClosed();
      signal?.throwIfAborted();
      return work();
    });
    this.#last = result.catch(() => {});
    return result;
  }

  /** The same for what only reads: everybody who asks before it begins gets the one answer. */
  share<T>(key: string, work: () => Promise<T>): Promise<T> {
    const waiting = this.#waiting.get(key) as Promise<T> | undefined;
    if (waiting) return waiting;
    const result = this.run(() => {
      this.#waiting.delete(key);
      return work();
    });
    this.#waiting.set(key, result);
    return result;
  }

  /** Lets nothing more begin. Resolves when what is under way has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
  }
}
