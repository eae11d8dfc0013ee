import { childrenOf, type Element, oidOf, tags } from './stores/der.ts';

/** Short names of RFC 4519 by object identifier; another attribute is shown by its number. */
const attributes: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'emailAddress',
};

/** A distinguished name (RFC 5280 section 4.1.2.4) in one line. @throws KeystoreError if it is none */
export function tellName(name: Element): string {
  return childrenOf(name, tags.sequence)
    .flatMap((set) => childrenOf(set, tags.set))
    .map((attribute) => {
      const [type, value] = childrenOf(attribute, tags.sequence);
      const oid = oidOf(type);
      return `${attributes[oid] ?? oid}=${visible(value?.content.toString('utf8') ?? '')}`;
    })
    .join(', ');
}

/** A text of somebody else's without what a terminal would obey. */
export const visible = (text: string): string => text.replace(/\p{C}/gu, '?');

/** The lines in which Node gives a name, as one; of an empty name the empty text. */
export function oneLine(name: string | undefined): string {
  return (name ?? '').split('\n').join(', ');
}
