import type { Pieces } from '../../time/pieces.ts'

/** How many paths are added between two pauses. */
const PIECE = 200

/**
 * Paths as a tree, so that visiting a path and all folders above it takes time linear in its length: a path of 4,096 bytes
 * may have two thousand folders, whose full paths would take megabytes.
 */
interface PathTree {
  /** Visits the folders of a path from the root on, and the path itself. */
  walk(path: string): Generator<Step>
  /**
   * Sets the holder of every place on these paths that an earlier `walk` has visited. A repository may have a hundred
   * thousand paths, and most share no folder with a change.
   *
   * @param isThere selects paths. Default: all of them.
   */
  hold(paths: Iterable<string>, isThere?: (path: string) => boolean): Pieces<void>
}

interface Step {
  readonly place: Place
  readonly entry: Entry
}

/** One place on disk. Several spellings of a path may lead to it. */
interface Place {
  readonly children: Map<string, Place>
  /** The file or folder at this place; undefined if none is known. */
  holder: Entry | undefined
}

interface Entry {
  /** Equal paths, letter by letter, have the same object. */
  readonly spelling: Spelling
  readonly isFile: boolean
}

interface Spelling {
  readonly name: string
  readonly parent: Spelling | undefined
  readonly children: Map<string, Spelling>
}

/** @param fold maps all spellings of a name that mean the same place to one key. */
export function createPathTree(fold: (name: string) => string): PathTree {
  const root: Place = { children: new Map(), holder: undefined }
  const first: Spelling = { name: '', parent: undefined, children: new Map() }
  function* steps(path: string, isFollowing: boolean): Generator<Step> {
    let place = root
    let spelling = first
    for (let start = 0; start <= path.length; ) {
      const slash = path.indexOf('/', start)
      const end = slash === -1 ? path.length : slash
      const name = path.slice(start, end)
      const key = fold(name)
      if (isFollowing && !place.children.has(key)) return
      place = childOf(place.children, key, { children: new Map(), holder: undefined })
      spelling = childOf(spelling.children, name, { name, parent: spelling, children: new Map() })
      yield { place, entry: { spelling, isFile: slash === -1 } }
      start = end + 1
    }
  }

  return {
    walk: (path) => steps(path, false),
    *hold(paths, isThere = () => true) {
      let count = 0
      for (const path of paths) {
        if (++count % PIECE === 0) yield
        if (!isThere(path)) continue
        for (const { place, entry } of steps(path, true)) place.holder = entry
      }
    },
  }
}

function childOf<T>(children: Map<string, T>, key: string, otherwise: T): T {
  const child = children.get(key) ?? otherwise
  children.set(key, child)
  return child
}

/** The full path: `a/b/c`. */
export function pathOf(spelling: Spelling): string {
  const names: string[] = []
  for (let at: Spelling | undefined = spelling; at?.parent; at = at.parent) names.push(at.name)
  return names.reverse().join('/')
}
