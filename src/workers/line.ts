/** The wire between two processes, as node:cluster has it on both ends. */
export interface Wire {
  send(message: Message): void;
  onMessage(take: (message: Message) => void): void;
  /** The other process is gone, or has hung up. */
  onClose(react: () => void): void;
}

/** What goes over the wire; all of it is JSON. */
export type Message =
  | { readonly ask: number; readonly what: string; readonly argument: unknown }
  | { readonly answer: number; readonly value: unknown }
  | { readonly answer: number; readonly failure: string }
  | { readonly tell: string; readonly argument: unknown };

/** What the other process may ask for, by name; a rejection's message is what it hears. */
export type Deeds = Readonly<Record<string, (argument: never) => unknown>>;

/**
 * Questions and answers between two processes, both ways. Who asks for what is not there is answered by a failure; who asks a
 * process that goes away is answered by one, too.
 */
export class Line {
  readonly #wire: Wire;
  readonly #deeds: Deeds;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(reason: Error): void }>();
  #asked = 0;
  #closed = false;

  constructor(wire: Wire, deeds: Deeds) {
    this.#wire = wire;
    this.#deeds = deeds;
    wire.onMessage((message) => void this.#take(message));
    wire.onClose(() => this.#close());
  }

  /** The other process is gone: nothing that was asked of it is answered any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Asks the other process. @throws Error with what it failed by, or that it is gone */
  ask(what: string, argument: unknown = null): Promise<unknown> {
    if (this.#closed) return Promise.reject(gone());
    this.#asked += 1;
    const ask = this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(ask, { resolve, reject });
      this.#wire.send({ ask, what, argument });
    });
  }

  /** Tells the other process something that has no answer. Nobody hears it who is gone. */
  tell(what: string, argument: unknown): void {
    if (!this.#closed) this.#wire.send({ tell: what, argument });
  }

  async #take(message: Message): Promise<void> {
    if ('ask' in message) {
      const { ask: answer } = message;
      try {
        this.#reply({ answer, value: (await this.#do(message.what, message.argument)) ?? null });
      } catch (error) {
        this.#reply({ answer, failure: (error as Error).message });
      }
    } else if ('tell' in message) {
      await this.#do(message.tell, message.argument);
    } else {
      const asker = this.#waiting.get(message.answer);
      this.#waiting.delete(message.answer);
      if ('failure' in message) asker?.reject(new Error(message.failure));
      else asker?.resolve(message.value);
    }
  }

  #do(what: string, argument: unknown): unknown {
    const deed = Object.hasOwn(this.#deeds, what) ? this.#deeds[what] : undefined;
    if (deed === undefined) throw new Error(`there is no ${what}`);
    return deed(argument as never);
  }

  #reply(message: Message): void {
    if (!this.#closed) this.#wire.send(message);
  }

  #close(): void {
    this.#closed = true;
    for (const { reject } of this.#waiting.values()) reject(gone());
    this.#waiting.clear();
  }
}

function gone(): Error {
  return new Error('the other process is gone');
}
