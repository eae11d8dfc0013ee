import { pino } from 'pino';
/**
 * The program's log: JSON lines, or readable ones on a terminal.
 *
 * Lines are written without waiting for the disk, so {@link Log.close} is needed before the process ends.
 */
export async function createLog({ level, format, stream, terminal = false }) {
    if (stream !== undefined)
        return { logger: pino({ level }, stream), close };
    if (format === 'pretty' || (format === 'auto' && terminal)) {
        const { PinoPretty } = await import('pino-pretty');
        return { logger: pino({ level }, PinoPretty({ sync: true, ignore: 'pid,hostname', colorize: terminal })), close };
    }
    const destination = pino.destination({ fd: 1, sync: false });
    const logger = pino({ level }, destination);
    return {
        logger,
        close: () => new Promise((resolve) => {
            destination.once('close', resolve);
            // Not flushSync, which overtakes a write that is still under way.
            destination.end();
        }),
    };
}
/** Of logs that hold nothing back. */
async function close() { }
//# sourceMappingURL=log.js.map