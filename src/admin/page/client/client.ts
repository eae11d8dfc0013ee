/** Keeps the status page up to date: asks for it anew again and again, and changes what differs. The server makes all of it. */

/** Milliseconds between two looks. */
const interval = 2000;

/** Milliseconds after which a look is given up. */
const patience = 10_000;

/** The parts that change. */
const parts = ['#state', '#main', '#about'];

const news = document.querySelector('#news') as HTMLElement;
const live = document.querySelector('#live') as HTMLElement;
let paused = false;
let lost = false;
let timer: number | undefined;

/** Makes one element like another, and keeps what is the same, so that focus, selection and what is open stay. */
function morph(old: Element, fresh: Element): void {
  for (const { name } of [...old.attributes])
    if (!fresh.hasAttribute(name) && name !== 'open') old.removeAttribute(name);
  for (const { name, value } of fresh.attributes)
    if (old.getAttribute(name) !== value && name !== 'open') old.setAttribute(name, value);
  let at = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    const same = counterpart(at, child, old);
    if (same === undefined) {
      old.insertBefore(document.importNode(child, true), at);
      continue;
    }
    if (same !== at) old.insertBefore(same, at);
    else at = at.nextSibling;
    if (same instanceof Element) morph(same, child as Element);
    else if (same.nodeValue !== child.nodeValue) same.nodeValue = child.nodeValue;
  }
  while (at !== null) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

/** The node that stands for a fresh one: that with its id, else the next of its kind. */
function counterpart(at: ChildNode | null, fresh: ChildNode, parent: Element): ChildNode | undefined {
  const id = fresh instanceof Element ? fresh.id : '';
  if (id !== '') return [...parent.children].find((each) => each.id === id);
  const kind = kindOf(fresh);
  let found = at;
  while (found !== null && kindOf(found) !== kind) found = found.nextSibling;
  return found ?? undefined;
}

/** Elements without an id are told apart by their name and the first of their classes, which says what they are. */
function kindOf(node: ChildNode): string {
  if (!(node instanceof Element)) return node.nodeName;
  return node.id === '' ? `${node.nodeName} ${node.classList[0] ?? ''}` : `#${node.id}`;
}

/** What a reader wants to be told of: each route's state, and the configuration's generation. */
function readings(root: ParentNode): Map<string, string> {
  const all = new Map<string, string>();
  for (const { dataset } of root.querySelectorAll<HTMLElement>('[data-route]')) {
    all.set(dataset['route'] ?? '', dataset['state'] ?? '');
  }
  return all;
}

function changes(before: Map<string, string>, after: Map<string, string>): string[] {
  const told: string[] = [];
  for (const [route, state] of after) {
    const was = before.get(route);
    if (was === undefined) told.push(`${route} is new: ${state}`);
    else if (was !== state) told.push(`${route}: ${state} (was: ${was})`);
  }
  for (const route of before.keys()) if (!after.has(route)) told.push(`${route} is gone`);
  return told;
}

/** What is said of the whole: the configuration's generation, and when another one was refused. */
function whole(root: ParentNode): DOMStringMap {
  return root.querySelector<HTMLElement>('#state')?.dataset ?? {};
}

/** Takes over what the server says now, and tells what is new about it. */
async function look(): Promise<void> {
  const answer = await fetch('./', { cache: 'no-store', signal: AbortSignal.timeout(patience) });
  if (!answer.ok) throw new Error(`it answered ${answer.status}`);
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const told = changes(readings(document), readings(fresh));
  const [was, is] = [whole(document), whole(fresh)];
  if (is['generation'] !== was['generation']) told.unshift(`Configuration reloaded, generation ${is['generation']}`);
  if (is['refused'] !== was['refused'] && is['refused'] !== '') told.unshift('The new configuration was not taken');
  if (lost) told.unshift('The proxy answers again');
  const focused = document.activeElement;
  for (const part of parts) {
    const [old, next] = [document.querySelector(part), fresh.querySelector(part)];
    if (old !== null && next !== null) morph(old, next);
  }
  document.title = fresh.title;
  // What was moved has lost it.
  if (focused instanceof HTMLElement && focused.isConnected && document.activeElement !== focused) {
    focused.focus({ preventScroll: true });
  }
  lost = false;
  if (told.length > 0) say(`${told.join('. ')}.`);
}

/** Looks, and again after a while: one at a time, and not while nobody sees it. */
async function watch(): Promise<void> {
  clearTimeout(timer);
  if (paused || document.hidden) return;
  try {
    await look();
  } catch (error) {
    if (!lost)
      say(`No answer from the proxy (${error instanceof Error ? error.message : error}); what is shown is old.`);
    lost = true;
  }
  show();
  clearTimeout(timer);
  timer = setTimeout(watch, interval);
}

function say(text: string): void {
  news.textContent = `${new Date().toLocaleTimeString()} ${text}`;
}

const state = document.createElement('span');
const pause = document.createElement('button');
pause.type = 'button';
pause.textContent = 'Pause';
pause.addEventListener('click', () => {
  paused = !paused;
  show();
  void watch();
});

/** Shows whether what is seen is of now. */
function show(): void {
  document.documentElement.classList.toggle('lost', lost);
  state.textContent = lost ? 'No answer' : paused ? 'Paused' : 'Live';
  pause.setAttribute('aria-pressed', String(paused));
}

document.addEventListener('visibilitychange', () => void watch());
live.replaceChildren(state, pause);
show();
timer = setTimeout(watch, interval);
