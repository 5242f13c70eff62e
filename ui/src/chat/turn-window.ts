import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

/** A turn that was never drawn is taken to be this high. */
const UNSEEN_PX = 130;
/** Drawn beyond what is seen, and how near its end may come before more is drawn. */
const AHEAD_PX = 1_200;
const NEAR_PX = 500;
/** Nearer to the end than this somebody is following what comes. */
const AT_END_PX = 60;

export interface Range {
  from: number;
  to: number;
}

/** The items that lie between two heights; `to` is the first behind them. */
export function rangeBetween(heights: readonly number[], top: number, bottom: number): Range {
  let from = 0;
  let at = 0;
  while (from < heights.length && at + heights[from]! <= top) at += heights[from++]!;
  let to = from;
  while (to < heights.length && at < bottom) at += heights[to++]!;
  return { from, to };
}

export interface TurnWindow extends Range {
  /** Height of what is not drawn above and below. */
  before: number;
  after: number;
  /** The reader is at the end and wants to stay there. */
  following: boolean;
  /** Says which node a turn has, or that it has none any more. */
  place(id: string, node: HTMLElement | null): void;
  onScroll(): void;
  toEnd(): void;
}

export interface TurnWindowInput {
  log: { current: HTMLDivElement | null };
  /** Another one begins at its end. */
  key: string;
  ids: readonly string[];
  /** There is more behind the end: nobody can follow there. */
  isBehind: boolean;
  onNearTop(): void;
  onNearEnd(): void;
}

/**
 * Which turns of a long conversation are drawn: those near what is seen. The first one seen keeps its place when what is
 * above it turns out to have another height, or comes to be.
 */
export function useTurnWindow({
  log,
  key,
  ids,
  isBehind,
  onNearTop,
  onNearEnd,
}: TurnWindowInput): TurnWindow {
  const heights = useRef(new Map<string, number>()).current;
  const nodes = useRef(new Map<string, HTMLElement>()).current;
  const anchors = useRef<{ id: string; offset: number }[]>([]);
  const follows = useRef(true);
  /** As it was left here: what is less afterwards was scrolled, unless the box has another height. */
  const left = useRef({ top: 0, height: 0 });
  const following = useSignal(true);
  const drawn = useSignal<Drawn>({ count: 0, first: "", last: "" });
  const observer = useRef<ResizeObserver>(undefined);

  const known = ids.map((id) => heights.get(id) ?? UNSEEN_PX);
  const sum = (from: number, to: number) => known.slice(from, to).reduce((total, each) => total + each, 0);
  const { from, to } = following.value
    ? endOf(known, log.current?.clientHeight ?? 800)
    : rangeOf(drawn.value, ids);

  function choose(): void {
    const box = log.current!;
    const first = listTop();
    const [top, bottom] = [box.scrollTop - first, box.scrollTop - first + box.clientHeight];
    const needed = rangeBetween(known, top - NEAR_PX, bottom + NEAR_PX);
    const there = rangeOf(drawn.peek(), ids);
    if (needed.from >= there.from && needed.to <= there.to && there.to > 0) return;
    drawn.value = drawnOf(rangeBetween(known, top - AHEAD_PX, bottom + AHEAD_PX), ids);
  }

  /** Where the list begins in what scrolls. */
  function listTop(): number {
    const node = nodes.get(ids[from] ?? "");
    return node ? node.offsetTop - sum(0, from) : 0;
  }

  function remember(): void {
    const { scrollTop, clientHeight } = log.current!;
    anchors.current = [];
    for (const id of ids.slice(from, to)) {
      const node = nodes.get(id);
      if (!node || node.offsetTop + node.offsetHeight <= scrollTop) continue;
      if (node.offsetTop > scrollTop + clientHeight) break;
      anchors.current.push({ id, offset: node.offsetTop - scrollTop });
    }
    // Who scrolls faster than is drawn sees none of them; the place is then told by one that is not seen.
    const [drawnOne] = nodes;
    if (anchors.current.length === 0 && drawnOne) {
      const [id, node] = drawnOne;
      anchors.current.push({ id, offset: node.offsetTop - scrollTop });
    }
  }

  function settle(): void {
    const box = log.current;
    if (!box) return;
    for (const [id, node] of nodes) heights.set(id, node.offsetHeight);
    // Somebody has begun to scroll up, and the event of it is still to come.
    const isLeaving =
      !wasResized(box) && box.scrollTop < left.current.top - 4 && distanceToEnd(box) > AT_END_PX;
    keep(box);
    if (follows.current) {
      if (!isLeaving) toEnd(box);
      return;
    }
    const anchor = anchors.current.find(({ id }) => nodes.has(id));
    const moved = anchor ? nodes.get(anchor.id)!.offsetTop - box.scrollTop - anchor.offset : 0;
    if (Math.abs(moved) >= 1) box.scrollTop += moved;
    // Nothing tells of a scroll that has come to an end: what is seen now is drawn, and holds the place from here on.
    if (!anchor) choose();
    remember();
  }

  function toEnd(box: HTMLElement): void {
    box.scrollTop = box.scrollHeight;
    keep(box);
  }

  function keep({ scrollTop, clientHeight }: HTMLElement): void {
    left.current = { top: scrollTop, height: clientHeight };
  }

  function wasResized({ clientHeight }: HTMLElement): boolean {
    return clientHeight !== left.current.height;
  }

  function askForMore(): void {
    if (follows.current) return;
    if (log.current!.scrollTop < AHEAD_PX) onNearTop();
    if (isBehind && distanceToEnd(log.current!) < AHEAD_PX) onNearEnd();
  }

  useLayoutEffect(() => {
    follows.current = true;
    following.value = true;
    anchors.current = [];
    heights.clear();
  }, [key]);
  useLayoutEffect(settle);
  useEffect(askForMore, [ids[0], ids.at(-1)]);
  const latest = useRef(settle);
  latest.current = settle;
  useEffect(() => {
    const watch = new ResizeObserver(() => latest.current());
    observer.current = watch;
    for (const node of nodes.values()) watch.observe(node);
    watch.observe(log.current!);
    return () => watch.disconnect();
  }, []);

  return {
    from,
    to,
    before: sum(0, from),
    after: sum(to, known.length),
    following: following.value,
    place(id, node) {
      const former = nodes.get(id);
      if (former && former !== node) observer.current?.unobserve(former);
      if (node) {
        nodes.set(id, node);
        observer.current?.observe(node);
      } else nodes.delete(id);
    },
    onScroll() {
      const box = log.current!;
      // A box that grows pulls what is in it down, and nobody has scrolled.
      if (follows.current && wasResized(box)) return toEnd(box);
      const fromEnd = distanceToEnd(box);
      keep(box);
      follows.current = fromEnd < AT_END_PX && !isBehind;
      if (follows.current !== following.peek()) {
        drawn.value = drawnOf({ from, to }, ids);
        following.value = follows.current;
      }
      remember();
      if (!follows.current) choose();
      askForMore();
    },
    toEnd() {
      follows.current = true;
      following.value = true;
      toEnd(log.current!);
    },
  };
}

function distanceToEnd({ scrollHeight, scrollTop, clientHeight }: HTMLElement): number {
  return scrollHeight - scrollTop - clientHeight;
}

/** The last ones, for whoever is at the end. */
function endOf(heights: readonly number[], seen: number): Range {
  let from = heights.length;
  for (let height = 0; from > 0 && height < seen + AHEAD_PX; height += heights[from]!) from--;
  return { from, to: heights.length };
}

/** What is drawn, by names: places change when earlier ones come to be. */
interface Drawn {
  count: number;
  first: string;
  last: string;
}

function drawnOf({ from, to }: Range, ids: readonly string[]): Drawn {
  return { count: to - from, first: ids[from] ?? "", last: ids[to - 1] ?? "" };
}

function rangeOf({ count, first, last }: Drawn, ids: readonly string[]): Range {
  const end = ids.lastIndexOf(last) + 1;
  const from = end > 0 ? Math.max(0, end - count) : Math.max(0, ids.indexOf(first));
  return { from, to: Math.min(ids.length, from + count) };
}
