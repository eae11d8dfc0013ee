import { expectLineEnd, malformed, parseFields } from './field-section.js';
import { hasMember, isName, text } from './field-syntax.js';
const CR = 13;
const SP = 32;
/** Legal white space, but llhttp keeps it in the value: `chunked` becomes another coding there and the body another body. */
const tabBehindFraming = /\n(?:content-length|transfer-encoding):[^\r]*\t[ \t]*\r/i;
/**
 * Reads a whole head.
 * @param section latin1, from the status line up to and with the empty line
 * @throws ProxyError `bad-response` for all that breaks the grammar of RFC 9112 or leaves the framing in doubt
 */
export function parseHead(section, asked) {
    const version = section.charCodeAt(7) - 48;
    const status = statusCode(section);
    if (!beginsWith(section, 'HTTP/1.') || (version !== 0 && version !== 1) || status < 100)
        throw statusLineFault();
    const reasonEnd = endOfReason(section);
    const fields = parseFields(section, reasonEnd + 2);
    const reason = section.slice(13, reasonEnd);
    let length = -1;
    let chunked = false;
    let close = false;
    let keep = false;
    let upgrade = false;
    let protocol = false;
    let keepAliveTimeout;
    for (let i = 0; i < fields.length; i += 2) {
        const name = fields[i];
        const value = fields[i + 1];
        switch (name.length) {
            case 7:
                if (isName(name, 'upgrade'))
                    protocol = true;
                break;
            case 10:
                if (isName(name, 'connection')) {
                    if (isName(value, 'keep-alive'))
                        keep = true;
                    else {
                        close ||= hasMember(value, 'close');
                        keep ||= hasMember(value, 'keep-alive');
                        upgrade ||= hasMember(value, 'upgrade');
                    }
                }
                else if (isName(name, 'keep-alive')) {
                    keepAliveTimeout = timeoutHint(value);
                }
                break;
            case 14:
                if (!isName(name, 'content-length'))
                    break;
                if (length >= 0)
                    throw malformed('it has more than one Content-Length');
                length = contentLength(value);
                break;
            case 17:
                if (!isName(name, 'transfer-encoding'))
                    break;
                if (chunked || !isName(value, 'chunked'))
                    throw malformed('its Transfer-Encoding is not `chunked` alone');
                chunked = true;
        }
    }
    if ((chunked || length >= 0) && section.includes('\t') && tabBehindFraming.test(section)) {
        throw malformed('there is a tab behind its Content-Length or Transfer-Encoding');
    }
    if (chunked && length >= 0)
        throw malformed('it has both Content-Length and Transfer-Encoding');
    if (chunked && version === 0)
        throw malformed('it is HTTP/1.0 and has Transfer-Encoding');
    const forbidden = chunked || length > 0;
    const persistent = !close && (version === 1 || keep);
    if (status < 200) {
        if (forbidden)
            throw malformed(`its status is ${status}, which cannot have a body, and its fields announce one`);
        if (status === 101) {
            if (!asked.upgrade)
                throw malformed('it is 101 (Switching Protocols), which nobody asked for');
            if (version === 0 || !upgrade || !protocol)
                throw malformed('it is 101 without `Connection: Upgrade` and Upgrade');
        }
        else if (!persistent) {
            // RFC 9112 section 9.6: nothing is read behind a message that says close, so the final response cannot follow.
            throw malformed(`its status is ${status} and it closes the connection before the final response`);
        }
    }
    const framing = framingOf(status, asked, chunked, length);
    return {
        version,
        status,
        reason,
        fields,
        framing,
        length: framing === 'length' ? length : 0,
        // A 204 that announces a body may be followed by one (RFC 9110 section 8.6, RFC 9112 section 6.1 forbid both).
        keepAlive: persistent && framing !== 'close' && !(status === 204 && forbidden),
        keepAliveTimeout,
    };
}
/** @throws ProxyError `bad-response` if no status line can begin with these characters */
export function expectStatusLine(beginning) {
    if (!'HTTP/1.'.startsWith(beginning.slice(0, 7)))
        throw statusLineFault();
}
/** RFC 9112 section 6.3, in its order. */
function framingOf(status, asked, chunked, length) {
    if (asked.head || status < 200 || status === 204 || status === 304)
        return 'none';
    if (asked.connect && status < 300)
        return 'none';
    if (chunked)
        return 'chunked';
    return length >= 0 ? 'length' : 'close';
}
/** As `startsWith`, which is a slow call into the engine. */
function beginsWith(section, prefix) {
    for (let i = 0; i < prefix.length; i++)
        if (section.charCodeAt(i) !== prefix.charCodeAt(i))
            return false;
    return true;
}
/** The number at its place in the status line, 0 if there is none. */
function statusCode(section) {
    const hundreds = section.charCodeAt(9) - 48;
    const tens = section.charCodeAt(10) - 48;
    const ones = section.charCodeAt(11) - 48;
    if (section.charCodeAt(8) !== SP || !isDigit(hundreds) || !isDigit(tens) || !isDigit(ones))
        return 0;
    return hundreds * 100 + tens * 10 + ones;
}
/**
 * Where the status line's CRLF is. A line that ends right behind the status, without the SP that RFC 9112 section 4
 * demands of a server, is read: devices send it, it can mean only one thing, and llhttp, nginx, Go and curl read it.
 */
function endOfReason(section) {
    let at = 12;
    let code = section.charCodeAt(at);
    if (code !== CR && code !== SP)
        throw statusLineFault();
    while (text[code] === 1)
        code = section.charCodeAt(++at);
    expectLineEnd(section, at, 'the reason phrase');
    return at;
}
function statusLineFault() {
    return malformed('it does not begin with a status line such as `HTTP/1.1 200 OK`');
}
/** RFC 9112 section 6.3 allows to read a list of equal numbers as one; RFC 9110 section 8.6 to refuse it, as here. */
function contentLength(value) {
    let length = value === '' ? -1 : 0;
    for (let i = 0; i < value.length && length >= 0; i++) {
        const digit = value.charCodeAt(i) - 48;
        length = isDigit(digit) ? length * 10 + digit : -1;
        if (length > Number.MAX_SAFE_INTEGER)
            length = -1;
    }
    if (length < 0)
        throw malformed('its Content-Length is not a number of bytes');
    return length;
}
function isDigit(value) {
    return value >= 0 && value <= 9;
}
function timeoutHint(value) {
    const found = /(?:^|[\s,])timeout=(\d{1,9})(?!\d)/i.exec(value);
    return found === null ? undefined : Number(found[1]);
}
//# sourceMappingURL=response-head.js.map