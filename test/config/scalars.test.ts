import t from 'tap';
import {
  Mismatch,
  parseBoolean,
  parseCount,
  parseCountOrNone,
  parseDuration,
  parseFieldName,
  parseFieldValue,
  parseMode,
  parseName,
  parsePin,
  parsePositiveDuration,
  parseSize,
  parseSizeOrNone,
  parseText,
  parseUser,
  parseVariable,
  parseVersion,
} from '../../src/config/scalars.ts';

/** Every text of the first table gives its value, every text of the second is refused with its reason. */
function table(
  name: string,
  parse: (text: string) => unknown,
  good: Record<string, unknown>,
  bad: Record<string, string>,
) {
  t.test(name, async (t) => {
    for (const [text, value] of Object.entries(good)) t.equal(parse(text), value, `${name} "${text}"`);
    for (const [text, reason] of Object.entries(bad)) {
      t.throws(() => parse(text), new Mismatch(reason), `${name} refuses "${text}"`);
    }
  });
}

table(
  'duration',
  parseDuration,
  { '0': 0, '0s': 0, '500ms': 500, '5s': 5000, '2m': 120_000, '1h': 3_600_000, '596h': 2_145_600_000 },
  { '5': 'the unit is missing', '1.5s': '', '-1s': '', '5 s': '', '5S': '', '': '', '597h': 'the longest is 596h' },
);
table('positive duration', parsePositiveDuration, { '1ms': 1 }, { '0': '0 would end everything at once', x: '' });
table(
  'size',
  parseSize,
  { '1': 1, '512B': 512, '64KiB': 65_536, '1MiB': 1_048_576, '2GiB': 2_147_483_648 },
  {
    '64KB': 'the units are KiB, MiB and GiB',
    '64 k': 'the units are KiB, MiB and GiB',
    '0': 'it is out of range',
    '999999999999999GiB': 'it is out of range',
    none: '',
    '1.5MiB': '',
  },
);
table('size or none', parseSizeOrNone, { none: Number.POSITIVE_INFINITY, '1KiB': 1024 }, { None: '' });
table('boolean', parseBoolean, { true: true, True: true, FALSE: false, false: false }, { yes: '', on: '', '1': '' });
table(
  'count',
  parseCount,
  { '1': 1, '4096': 4096 },
  { '0': '', '-1': '', '1.5': '', '1e3': '', '9999999999999999': '' },
);

table('count or none', parseCountOrNone, { none: Infinity, '7': 7 }, { '0': '', None: '', '': '' });

table(
  'user',
  parseUser,
  { '0': 0, '1000': 1000, '4294967294': 4_294_967_294, root: 'root', _apt: '_apt', 'a.b-c_d$': 'a.b-c_d$' },
  {
    '4294967295': 'the highest uid is 4294967294',
    '9999999999': 'the highest uid is 4294967294',
    '99999999999': '',
    '-1': '',
    '1.5': '',
    '': '',
    'a b': '',
    'a:b': '',
    '1a': '',
    $: '',
  },
);

const noSsl = 'no current OpenSSL build has SSL 2 or 3; the oldest version left is TLSv1';
table(
  'version',
  parseVersion,
  {
    'TLSv1.3': 'TLSv1.3',
    'TLSv1.2': 'TLSv1.2',
    TLSv1_2: 'TLSv1.2',
    tls1_1: 'TLSv1.1',
    'tls1.2': 'TLSv1.2',
    'TLS 1.2': 'TLSv1.2',
    TLSv1: 'TLSv1',
    'TLSv1.0': 'TLSv1',
    '1': 'TLSv1',
    '1.0': 'TLSv1',
    '1.3': 'TLSv1.3',
  },
  { SSLv3: noSsl, SSLv2Hello: noSsl, 'TLSv1.4': '', TLS: '', '2': '', 'DTLSv1.2': '', '': '' },
);

const pin = `sha256/${Buffer.alloc(32, 7).toString('base64')}`;
table(
  'pin',
  parsePin,
  { [pin]: pin },
  {
    [pin.slice(7)]: '',
    [`sha1/${pin.slice(7)}`]: '',
    [pin.slice(0, -1)]: '',
    [`sha256/${Buffer.alloc(31).toString('base64')}`]: '',
  },
);
table('field name', parseFieldName, { 'X-a_1!': 'X-a_1!' }, { '': '', 'X:': '', 'X A': '', 'X\n': '', '\u00e9': '' });
table(
  'field value',
  parseFieldValue,
  { '': '', ' a\tb~ ': 'a\tb~' },
  {
    'a\r\nb': 'a line break or NUL would begin another field',
    'a\0': 'a line break or NUL would begin another field',
    '\u00e9': 'other than ASCII characters must be encoded',
    '\u007f': 'other than ASCII characters must be encoded',
  },
);
table('name', parseName, { 'iot-2': 'iot-2' }, { Iot: '', 'a b': '', '': '', a_b: '' });
table(
  'mode',
  parseMode,
  { '0660': 0o660, '600': 0o600, '0o777': 0o777 },
  { '0888': '', '66': '', rw: '', '10660': '' },
);
table('variable', parseVariable, { KEY_PASS2: 'KEY_PASS2' }, { '2X': '', 'A-B': '', '': '' });
table('text', parseText, { x: 'x', ' ': ' ' }, { '': '' });
