/** What a request goes on as: it follows from its head, its route and its client's address. */
export interface Outgoing {
  /** To be written as latin1. */
  readonly head: string;
  /** How its body is framed, if it has one. */
  readonly framing: 'length' | 'chunked' | undefined;
  /** Its client sends the body only when it is told to. */
  readonly expects: boolean;
  /** Whether the method and the route allow to send it twice. */
  readonly replayable: boolean;
}
