import { isRecord } from "../protocol/frames.ts";
import { INCLUDE, isIncluding } from "./include-path.ts";
import type { ConfigEdit } from "./legacy-write.ts";
import { type ConfigPath, getAt, isWithin } from "./path.ts";
import type { Source } from "./place.ts";

/*
 * In which file a path of the config lives, once files include others. Pure; sources as `followIncludes` gives them,
 * those that win first.
 */

/** The files whose own text has the path, those that win first. */
export function holdersOf(sources: readonly Source[], path: ConfigPath): Source[] {
  return sources.filter((source) => {
    if (!isWithin(path, source.mount)) return false;
    return getAt(source.value, innerOf(source, path)) !== undefined;
  });
}

/** The path as the file itself counts it. */
export function innerOf({ mount }: Source, path: ConfigPath): ConfigPath {
  return path.slice(mount.length);
}

/**
 * Where a value can be set, the best place first. What a file says itself is edited there. A new key goes to where its
 * section lives: past objects that include others, into what they include; beside a list of several files, which does
 * not tell which one is meant, it goes into the object that names them.
 */
export function placesFor(sources: readonly Source[], path: ConfigPath): Source[] {
  const holders = holdersOf(sources, path);
  if (holders.length > 0) return inwardsFirst(holders, path);
  const above = nearestHolders(sources, path);
  const own = above.filter(({ joined }) => !joined);
  if (own.length === 0) return [...new Set(above.map(unjoined))];
  return inwardsFirst(own, path.slice(0, depthOf(sources, path)));
}

/** The files that have the path, or else as much of it as any file has. */
export function nearestHolders(sources: readonly Source[], path: ConfigPath): Source[] {
  return holdersOf(sources, path.slice(0, depthOf(sources, path)));
}

/** How many parts of the path some file has. */
function depthOf(sources: readonly Source[], path: ConfigPath): number {
  let depth = path.length;
  while (depth > 0 && holdersOf(sources, path.slice(0, depth)).length === 0) depth--;
  return depth;
}

/** An object that includes another file is only the way to that one. */
function inwardsFirst(holders: readonly Source[], path: ConfigPath): Source[] {
  const passesOn = (source: Source) => isIncluding(getAt(source.value, innerOf(source, path)));
  return [...holders.filter((source) => !passesOn(source)), ...holders.filter(passesOn)];
}

/** The next file outwards that is not one of several. */
function unjoined(source: Source): Source {
  return source.joined && source.from ? unjoined(source.from) : source;
}

/**
 * One of several joined files that an edit would have to change, or undefined: a command cannot tell how what they say
 * together is to be spread over them.
 */
export function joinedOwner(sources: readonly Source[], { path, value }: ConfigEdit): Source | undefined {
  const below = sources.find(({ mount, joined }) => joined && isWithin(mount, path));
  if (below) return below;
  const holders = holdersOf(sources, path);
  return value === undefined
    ? holders.find(({ joined }) => joined)
    : holders.slice(0, 1).find(({ joined }) => joined);
}

/** True when the path, or something below it, comes from more than one file. */
export function isSpread(sources: readonly Source[], path: ConfigPath): boolean {
  const below = sources.some(
    ({ mount, from }) => from && mount.length > path.length && isWithin(mount, path),
  );
  return below || holdersOf(sources, path).length > 1;
}

/** An edit of which files are included, in the text of one of them: its effect is not a value at its path. */
export function isAboutIncludes({ path, value }: ConfigEdit): boolean {
  return path.includes(INCLUDE) || namesFiles(value);
}

function namesFiles(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(namesFiles);
  if (!isRecord(value)) return false;
  return Object.hasOwn(value, INCLUDE) || Object.values(value).some(namesFiles);
}
