/** Ties a command to this process. */
export function processIo() {
    const controller = new AbortController();
    const stopped = new Promise((resolve) => {
        let asked = false;
        const stop = (signal) => {
            if (asked)
                process.exit(signal === 'SIGINT' ? 130 : 143);
            asked = true;
            controller.abort();
            resolve();
        };
        process.on('SIGINT', stop);
        process.on('SIGTERM', stop);
    });
    return {
        stdout: process.stdout,
        stderr: process.stderr,
        env: process.env,
        stopped,
        signal: controller.signal,
    };
}
//# sourceMappingURL=io.js.map