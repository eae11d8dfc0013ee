import { inOrder } from './outcome.js';
/** Lines; more than the table needs, and an end to what a demo left running would hold. */
const kept = 1000;
/** Takes the proxy's log, keeps its last lines and tells whoever waits for one. */
export class Journal {
    lines = [];
    #watchers = new Set();
    /** Takes one JSON line, or several; what is no JSON object is left out. */
    write(text) {
        for (const part of text.split('\n')) {
            const line = parseObject(part);
            if (line === undefined)
                continue;
            this.lines.push(line);
            if (this.lines.length > kept)
                this.lines.shift();
            for (const watch of [...this.#watchers])
                watch(line);
        }
    }
    /** Calls `watch` with every line from now on. @returns a function that ends it */
    follow(watch) {
        this.#watchers.add(watch);
        return () => this.#watchers.delete(watch);
    }
    /** The first line that `matches`, already written or to come; undefined once `signal` aborts. */
    find(matches, signal) {
        const there = this.lines.find(matches);
        if (there !== undefined || signal.aborted)
            return Promise.resolve(there);
        return new Promise((resolve) => {
            const settle = (line) => {
                stop();
                signal.removeEventListener('abort', giveUp);
                resolve(line);
            };
            const giveUp = () => settle();
            const stop = this.follow((line) => {
                if (matches(line))
                    settle(line);
            });
            signal.addEventListener('abort', giveUp, { once: true });
        });
    }
}
/** A log line in a few words, or undefined for lines that tell a reader of the demo nothing. */
export function inWords(line) {
    const words = (...parts) => parts.filter((part) => part !== undefined && part !== false).join(' ');
    switch (line.msg) {
        case 'handshake':
            return words('handshake', line.route, typeof line.attempts === 'object' && inOrder(line.attempts));
        case 'fallback':
            return words('fallback ', line.route, line.from, line.outcome, '→', line.to);
        case 'recovered':
            return words('recovered', line.route, line.protocol);
        case 'request':
            return words('request  ', line.route, line.method, line.path, line.status, line.protocol, line.cause, line.reused === true && 'reused', line.ms !== undefined && `${line.ms} ms`);
        default:
            return undefined;
    }
}
/** The JSON object that `text` is, or undefined. */
export function parseObject(text) {
    try {
        const value = JSON.parse(text);
        return typeof value === 'object' && value !== null ? value : undefined;
    }
    catch {
        return undefined;
    }
}
//# sourceMappingURL=journal.js.map