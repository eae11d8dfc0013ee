import { ProxyError } from '../errors.js';
import { tchar, text } from './field-syntax.js';
const TAB = 9;
const LF = 10;
const CR = 13;
const SP = 32;
const COLON = 58;
/** The failure for upstream bytes that break HTTP/1.1. `what` continues "The upstream's response is not valid HTTP/1.1: ". */
export function malformed(what) {
    return new ProxyError('bad-response', `The upstream's response is not valid HTTP/1.1: ${what}. Correct the server, or the route's \`upstream\` if that port speaks another protocol.`);
}
/**
 * Collects the bytes of a head or of a trailer section up to and with its empty line. Each byte is looked at once,
 * however the section is cut, and decoded once.
 */
export class FieldSection {
    #limit;
    #content = '';
    #lineLength = 0;
    #last = 0;
    /** @param limit bytes that one section may have, its empty line included */
    constructor(limit) {
        this.#limit = limit;
    }
    /** What was taken so far, latin1. */
    get content() {
        return this.#content;
    }
    /**
     * Takes bytes from `at` on.
     * @returns the index behind the empty line, or -1 if all bytes were taken and the end is still to come
     * @throws ProxyError `bad-response` for a line that ends in a bare LF and for a section over the limit
     */
    take(bytes, at) {
        if (this.#content === '') {
            const end = sectionEnd(bytes, at);
            if (end !== -1) {
                this.#append(bytes, at, end);
                return end;
            }
        }
        let line = at - this.#lineLength;
        for (let i = at; i < bytes.length; i++) {
            if (bytes[i] !== LF)
                continue;
            if ((i > at ? bytes[i - 1] : this.#last) !== CR)
                throw malformed('a line ends in LF without CR');
            if (i - line === 1) {
                this.#append(bytes, at, i + 1);
                return i + 1;
            }
            line = i + 1;
        }
        this.#append(bytes, at, bytes.length);
        this.#lineLength = bytes.length - line;
        this.#last = bytes[bytes.length - 1];
        return -1;
    }
    /** The whole section, which `take` found the end of; the next byte taken begins another one. */
    finish() {
        const content = this.#content;
        this.#content = '';
        this.#lineLength = 0;
        this.#last = 0;
        return content;
    }
    #append(bytes, from, to) {
        if (this.#content.length + to - from > this.#limit) {
            throw malformed(`its fields are longer than ${this.#limit} bytes`);
        }
        this.#content += bytes.toString('latin1', from, to);
    }
}
/**
 * Reads the field lines of a section (RFC 9112 section 5), strictly: no folding, no white space before the colon, no
 * control characters.
 * @param section latin1; ends in the CRLF of the empty line
 * @param at where the first field line begins
 * @returns flat `[name, value, …]` as they came, values without the white space around them
 * @throws ProxyError `bad-response`
 */
export function parseFields(section, at) {
    const fields = [];
    const end = section.length - 2;
    while (at < end) {
        const name = at;
        let code = section.charCodeAt(at);
        while (tchar[code] === 1)
            code = section.charCodeAt(++at);
        if (code !== COLON || at === name)
            throw malformed(nameFault(code, at === name));
        const colon = at;
        do
            code = section.charCodeAt(++at);
        while (code === SP || code === TAB);
        const value = at;
        while (text[code] === 1)
            code = section.charCodeAt(++at);
        expectLineEnd(section, at, 'a field value');
        let last = at;
        while (last > value && isSpace(section.charCodeAt(last - 1)))
            last--;
        fields.push(section.slice(name, colon), section.slice(value, last));
        at += 2;
    }
    return fields;
}
/** @throws ProxyError `bad-response` unless CRLF is at `at`; `what` is the element that ends there */
export function expectLineEnd(section, at, what) {
    if (section.charCodeAt(at) === CR && section.charCodeAt(at + 1) === LF)
        return;
    throw malformed(`${what} has a control character in it, or CR and LF not as a pair`);
}
/** The index behind the first CRLF CRLF, or behind a CRLF right at `at`; -1 if there is none. Looks at every fourth byte. */
function sectionEnd(bytes, at) {
    if (bytes[at] === CR && bytes[at + 1] === LF)
        return at + 2;
    let i = at + 3;
    while (i < bytes.length) {
        const byte = bytes[i];
        if (byte === LF) {
            if (bytes[i - 1] === CR && bytes[i - 2] === LF && bytes[i - 3] === CR)
                return i + 1;
            i += 2;
        }
        else {
            i += byte === CR ? 1 : 4;
        }
    }
    return -1;
}
function isSpace(code) {
    return code === SP || code === TAB;
}
function nameFault(code, first) {
    if (isSpace(code)) {
        return first
            ? 'a field line begins with white space (obs-fold)'
            : 'there is white space before the colon of a field';
    }
    if (code === COLON)
        return 'a field has no name';
    return 'a field name has a character that is not allowed in it, or no colon behind it';
}
//# sourceMappingURL=field-section.js.map