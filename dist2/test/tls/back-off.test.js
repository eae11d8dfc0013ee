import t from 'tap';
import { ProxyError } from '../../src/errors.js';
import { BackOff } from '../../src/tls/back-off.js';
/** A back-off with a clock that the test moves. */
function watch() {
    let now = 0;
    const backOff = new BackOff(() => now);
    return {
        backOff,
        pass: (ms) => {
            now += ms;
        },
        /** A failure of an attempt that began just now. */
        fail: (text) => {
            const error = new ProxyError('refused', text);
            now += 1;
            backOff.failed(error, now);
            return error;
        },
    };
}
t.test('three failures in a row cost nothing, each further one a longer wait', async (t) => {
    const { backOff, pass, fail } = watch();
    t.notOk(backOff.active);
    for (const text of ['1', '2', '3']) {
        fail(text);
        backOff.throwIfWaiting();
    }
    t.ok(backOff.active);
    for (const wait of [100, 200, 400, 800, 1600, 3200, 4000, 4000]) {
        const last = fail(`wait ${wait}`);
        t.throws(() => backOff.throwIfWaiting(), last);
        pass(wait - 1);
        t.throws(() => backOff.throwIfWaiting(), last);
        pass(1);
        backOff.throwIfWaiting();
    }
});
t.test('what fails at the same time is one failure', async (t) => {
    const { backOff, pass, fail } = watch();
    fail('first');
    for (let i = 0; i < 50; i += 1)
        backOff.failed(new ProxyError('refused', `met by ${i} as well`), 0);
    pass(1);
    fail('second');
    fail('third');
    t.doesNotThrow(() => backOff.throwIfWaiting());
    t.throws(() => [fail('fourth'), backOff.throwIfWaiting()], { message: 'fourth' });
});
t.test('a success ends it', async (t) => {
    const { backOff, fail } = watch();
    for (const text of ['1', '2', '3', '4'])
        fail(text);
    t.throws(() => backOff.throwIfWaiting());
    backOff.succeeded();
    t.notOk(backOff.active);
    t.doesNotThrow(() => backOff.throwIfWaiting());
});
//# sourceMappingURL=back-off.test.js.map