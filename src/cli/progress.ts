/** Where progress is shown; `process.stderr` is one. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** A line on a terminal that says what is going on, for commands that take longer than one likes to wait. */
export class Progress {
  readonly #stream: ProgressStream;
  readonly #timer: NodeJS.Timeout | undefined;
  #text = '';
  #visible = false;

  /**
   * @param stream nothing is written to it unless it is a terminal
   * @param delay milliseconds for which nothing is shown yet
   */
  constructor(stream: ProgressStream, delay = 1000) {
    this.#stream = stream;
    if (stream.isTTY !== true) return;
    this.#timer = setTimeout(() => {
      this.#visible = true;
      this.#draw();
    }, delay);
    this.#timer.unref();
  }

  /** Replaces the text. */
  show(text: string): void {
    this.#text = text;
    if (this.#visible) this.#draw();
  }

  /** Takes the line away, for good. */
  clear(): void {
    clearTimeout(this.#timer);
    if (this.#visible) this.#stream.write(erase);
    this.#visible = false;
  }

  #draw(): void {
    this.#stream.write(erase + this.#text);
  }
}

const erase = '\r\x1b[K';
