/** Somebody who works for one request, and can be told that it is lost. */
export interface Fallible {
  /** Ends the request; must not throw. */
  failed(error: unknown): void;
}

/**
 * Calls one step of a request's life from an event of a socket, a stream or a timer: what it throws ends that request, and
 * neither the program nor the request of anybody else. Every callback of a request that Node or the pool calls goes
 * through here.
 */
export function fence<U extends Fallible, A>(user: U, step: (this: U, argument: A) => void, argument: A): void {
  try {
    step.call(user, argument);
  } catch (error) {
    user.failed(error);
  }
}
