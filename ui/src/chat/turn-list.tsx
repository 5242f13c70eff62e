import { useLayoutEffect, useRef } from "preact/hooks";
import type { Turn } from "./transcript.ts";
import { TurnView } from "./turn-view.tsx";
import type { TurnWindow } from "./turn-window.ts";

/** The turns near what is seen; the others are as high as they were, or as most are. */
export function TurnList({ turns, window }: { turns: readonly Turn[]; window: TurnWindow }) {
  const { from, to, before, after, place } = window;
  return (
    <>
      <div style={{ height: `${before}px` }} />
      {turns.slice(from, to).map((turn) => (
        <Placed key={turn.id} turn={turn} place={place} />
      ))}
      <div style={{ height: `${after}px` }} />
    </>
  );
}

function Placed({ turn, place }: { turn: Turn; place: TurnWindow["place"] }) {
  const node = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    place(turn.id, node.current);
    return () => place(turn.id, null);
  }, [turn.id]);
  return (
    <div ref={node} class="turn" data-turn={turn.id}>
      <TurnView turn={turn} />
    </div>
  );
}
