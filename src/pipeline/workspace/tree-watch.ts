import { posix } from 'node:path'
import type { ExecOptions, Sandbox } from '../../sandbox/sandbox.ts'

/** What the last look at a workspace found, and which files were written since. */
interface KnownTree {
  /** As the look printed it: the tree, `complete` or `incomplete`, and the nested repositories. */
  readonly looked: string
  /** Relative to the workspace. */
  readonly touched: readonly string[]
}

/**
 * Remembers the tree of a workspace while nothing runs in its sandbox, so that it need not be looked at again: in a large
 * repository each look takes as long as asking the file system about every file. What processes in the background do is
 * not seen, so the last look before publishing begins with `forget`.
 */
export interface TreeWatch {
  /** The same sandbox; what happens through it is seen. */
  readonly sandbox: Sandbox
  /** Undefined if any file may have changed. */
  known(): KnownTree | undefined
  forget(): void
  /** Call it when a look begins; the result takes what the look printed, and drops it if something happened meanwhile. */
  beginLook(): (looked: string) => void
}

/** In the environment of each command that changes nothing; no repository can set it. */
export const ONLY_LOOKS = { GIT_OPTIONAL_LOCKS: '0' } as const

export function onlyLooks({ env }: Pick<ExecOptions, 'env'>): boolean {
  return env?.GIT_OPTIONAL_LOCKS === ONLY_LOOKS.GIT_OPTIONAL_LOCKS
}

/** More files than this are not looked at one by one. */
const MOST_TOUCHED = 20

/** @param path of the workspace, absolute. */
export function watchTree(sandbox: Sandbox, path: string): TreeWatch {
  let looked: string | undefined
  let touched = new Set<string>()
  let happened = 0

  function forget(): void {
    happened++
    looked = undefined
  }

  function touch(file: string): void {
    happened++
    touched.add(posix.relative(path, file))
    const isPlain =
      file.startsWith(`${path}/`) && posix.normalize(file) === file && !/\n|\/\.git\//.test(file)
    if (!isPlain || touched.size > MOST_TOUCHED) looked = undefined
  }

  const watched: Sandbox = {
    ...sandbox,
    async exec(command, options = {}) {
      if (onlyLooks(options)) return sandbox.exec(command, options)
      forget()
      return sandbox.exec(command, options).finally(forget)
    },
    async writeFile(file, ...rest) {
      touch(file)
      return sandbox.writeFile(file, ...rest).finally(() => touch(file))
    },
  }

  return {
    sandbox: watched,
    known: () => (looked === undefined ? undefined : { looked, touched: [...touched] }),
    forget,
    beginLook() {
      const before = happened
      return (text) => {
        if (happened !== before) return
        looked = text
        touched = new Set()
      }
    },
  }
}

/** What the last look printed, if the workspace still has this tree for certain. */
export function sameAs(watch: TreeWatch | undefined, tree: string): string | undefined {
  const known = watch?.known()
  return known?.touched.length === 0 && known.looked.startsWith(`${tree} `) ? known.looked : undefined
}
