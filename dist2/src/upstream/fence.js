/**
 * Calls one step of a request's life from an event of a socket, a stream or a timer: what it throws ends that request, and
 * neither the program nor the request of anybody else. Every callback of a request that Node or the pool calls goes
 * through here.
 */
export function fence(user, step, argument) {
    try {
        step.call(user, argument);
    }
    catch (error) {
        user.failed(error);
    }
}
//# sourceMappingURL=fence.js.map