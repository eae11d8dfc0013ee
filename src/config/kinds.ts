import * as v from 'valibot';
import * as addresses from './addresses.ts';
import * as scalars from './scalars.ts';
import { parseProxy, parseVia } from './via-address.ts';

/** What an editor can know of a scalar before it is read: keywords of JSON Schema. The parser has the last word. */
export interface Form {
  readonly [keyword: string]: unknown;
}

/** Any text; YAML without quotation marks may make a number or a truth value of it, which is the same to us. */
const anyText: Form = { type: ['string', 'number', 'boolean'] };

const matching = (pattern: string): Form => ({ type: 'string', pattern });

/** The key of valibot's metadata that holds a scalar's {@link Form}. */
export const formKey = 'form';

/**
 * A kind of scalar: the title completes "must be …" in a message, the parser reads the scalar's text. All scalars reach
 * the schema as text, for one that comes from `${NAME}` may become a number as well as one that is written out.
 *
 * @param form for editors: takes whatever the parser takes, and not much more
 */
export function scalar<T>(title: string, parse: (text: string) => T, form: Form = anyText) {
  return v.pipe(
    v.string(),
    v.rawTransform<string, T>(({ dataset, addIssue, NEVER }) => {
      try {
        return parse(dataset.value);
      } catch (error) {
        if (!(error instanceof scalars.Mismatch)) throw error;
        addIssue({ message: error.message });
        return NEVER;
      }
    }),
    v.title(title),
    v.metadata({ [formKey]: form }),
  );
}

/** One of a closed set of words. */
export function word<const T extends string>(...words: readonly T[]) {
  return scalar(
    `one of ${words.join(', ')}`,
    (text) => {
      const found = words.find((each) => each === text);
      if (found === undefined) throw new scalars.Mismatch('');
      return found;
    },
    { enum: words },
  );
}

/** As a whole number, YAML's own forms of it included. */
const integer = (minimum: number): Form => ({ type: 'integer', minimum });
const either = (...forms: readonly Form[]): Form => ({ anyOf: forms });
const seconds = matching('^\\d{1,15}(ms|s|m|h)$');
const bytes = either(integer(1), matching('^\\d{1,15}(B|KiB|MiB|GiB)?$'));
const versions = either(
  { enum: ['TLSv1.3', 'TLSv1.2', 'TLSv1.1', 'TLSv1'] },
  { enum: [1.3, 1.2, 1.1, 1] },
  matching('^([Tt][Ll][Ss] ?[Vv]?)?1([._][0-3])?$'),
);
const octets = matching('^(0o?)?[0-7]{3}$');
const address = either(
  matching('^unix:.+$'),
  matching('^systemd(:[^:]+)?$'),
  matching('^(\\[[^\\]]+\\]|[^:\\[\\]]+):\\d{1,5}$'),
);

export const boolean = scalar('true or false', scalars.parseBoolean, { type: 'boolean' });
export const count = scalar('a whole number from 1 on', scalars.parseCount, integer(1));
export const workers = scalar(
  'a whole number from 1 on, or auto',
  scalars.parseWorkers,
  either({ const: 'auto' }, integer(1)),
);
export const countOrNone = scalar(
  'a whole number from 1 on, or none',
  scalars.parseCountOrNone,
  either({ const: 'none' }, integer(1)),
);
export const duration = scalar(
  'a duration such as 500ms, 5s, 2m, 1h or 0',
  scalars.parseDuration,
  either({ const: 0 }, seconds),
);
export const positiveDuration = scalar(
  'a duration such as 500ms, 5s, 2m or 1h',
  scalars.parsePositiveDuration,
  seconds,
);
export const size = scalar('a size such as 64KiB, 1MiB or a number of bytes', scalars.parseSize, bytes);
export const sizeOrNone = scalar(
  'a size such as 64KiB, 1MiB or a number of bytes, or none',
  scalars.parseSizeOrNone,
  either({ const: 'none' }, bytes),
);
export const fieldName = scalar(
  "a field's name, such as X-Api-Key",
  scalars.parseFieldName,
  matching("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"),
);
export const fieldValue = scalar('a text in one line', scalars.parseFieldValue);
export const version = scalar('a TLS version: TLSv1.3, TLSv1.2, TLSv1.1 or TLSv1', scalars.parseVersion, versions);
export const pin = scalar(
  'a pin: sha256/ and the base64 of 32 bytes',
  scalars.parsePin,
  matching('^sha256/[A-Za-z0-9+/]{43}=$'),
);
export const routeName = scalar(
  'a name of a-z, 0-9 and -',
  scalars.parseName,
  either(matching('^[a-z0-9-]+$'), integer(0)),
);
export const mode = scalar('a file mode such as "0660"', scalars.parseMode, either(octets, integer(0)));
export const user = scalar(
  'a uid or the name of a user',
  scalars.parseUser,
  either(integer(0), matching('^([0-9]{1,10}|[A-Za-z_][A-Za-z0-9_.-]*\\$?)$')),
);
export const variable = scalar(
  "an environment variable's name",
  scalars.parseVariable,
  matching('^[A-Za-z_][A-Za-z0-9_]*$'),
);
export const path = scalar('the path of a file', scalars.parseText);
export const text = scalar('a text that is not empty', scalars.parseText);
export const secret = scalar('{ env: NAME }, { file: PATH } or a text', scalars.parseText);
export const host = scalar('a host name or an IP address', addresses.parseHost);
export const origin = scalar(
  'an origin such as https://app.example',
  addresses.parseOrigin,
  matching('^[A-Za-z][A-Za-z0-9+.-]*://[^/?#@\\s]+$'),
);
export const prefix = scalar('a path that begins with /', addresses.parsePrefix, matching('^/'));
export const upstream = scalar(
  'a URL such as https://host:8743/base',
  addresses.parseUpstream,
  matching('^[Hh][Tt][Tt][Pp][Ss]://'),
);
export const proxy = scalar('a URL such as http://proxy:3128', parseProxy, matching('^[Hh][Tt][Tt][Pp]://'));
export const via = scalar(
  'none or a URL such as http://proxy:3128',
  parseVia,
  either({ const: 'none' }, matching('^[Hh][Tt][Tt][Pp]://')),
);
export const listen = scalar(
  'an address such as 127.0.0.1:8080, [::1]:8080, unix:/run/proxy.sock or systemd',
  addresses.parseListen,
  address,
);
