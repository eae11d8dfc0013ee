import * as v from 'valibot';
import * as addresses from './addresses.js';
import * as scalars from './scalars.js';
/**
 * A kind of scalar: the title completes "must be …" in a message, the parser reads the scalar's text. All scalars reach
 * the schema as text, for one that comes from `${NAME}` may become a number as well as one that is written out.
 */
export function scalar(title, parse) {
    return v.pipe(v.string(), v.rawTransform(({ dataset, addIssue, NEVER }) => {
        try {
            return parse(dataset.value);
        }
        catch (error) {
            if (!(error instanceof scalars.Mismatch))
                throw error;
            addIssue({ message: error.message });
            return NEVER;
        }
    }), v.title(title));
}
/** One of a closed set of words. */
export function word(...words) {
    return scalar(`one of ${words.join(', ')}`, (text) => {
        const found = words.find((each) => each === text);
        if (found === undefined)
            throw new scalars.Mismatch('');
        return found;
    });
}
export const boolean = scalar('true or false', scalars.parseBoolean);
export const count = scalar('a whole number from 1 on', scalars.parseCount);
export const duration = scalar('a duration such as 500ms, 5s, 2m, 1h or 0', scalars.parseDuration);
export const positiveDuration = scalar('a duration such as 500ms, 5s, 2m or 1h', scalars.parsePositiveDuration);
export const size = scalar('a size such as 64KiB, 1MiB or a number of bytes', scalars.parseSize);
export const version = scalar('a TLS version: TLSv1.3, TLSv1.2, TLSv1.1 or TLSv1', scalars.parseVersion);
export const pin = scalar('a pin: sha256/ and the base64 of 32 bytes', scalars.parsePin);
export const routeName = scalar('a name of a-z, 0-9 and -', scalars.parseName);
export const mode = scalar('a file mode such as "0660"', scalars.parseMode);
export const variable = scalar("an environment variable's name", scalars.parseVariable);
export const path = scalar('the path of a file', scalars.parseText);
export const text = scalar('a text that is not empty', scalars.parseText);
export const secret = scalar('{ env: NAME }, { file: PATH } or a text', scalars.parseText);
export const host = scalar('a host name or an IP address', addresses.parseHost);
export const prefix = scalar('a path that begins with /', addresses.parsePrefix);
export const upstream = scalar('a URL such as https://host:8743/base', addresses.parseUpstream);
export const listen = scalar('an address such as 127.0.0.1:8080, [::1]:8080 or unix:/run/proxy.sock', addresses.parseListen);
//# sourceMappingURL=kinds.js.map