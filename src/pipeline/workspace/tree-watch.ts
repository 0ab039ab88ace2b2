import { posix } from 'node:path'
import type { ExecOptions, Sandbox } from '../../sandbox/sandbox.ts'

/** The tree of a workspace when it was last examined, and the files that were written since. */
interface KnownTree {
  /** The printed result: the tree, `complete` or `incomplete`, and the nested repositories. */
  readonly looked: string
  /** Paths of written files, relative to the workspace. */
  readonly touched: readonly string[]
}

/**
 * Remembers the tree of a workspace while nothing runs in its sandbox, so that it need not be examined again: in a large
 * repository that takes as long as asking the file system about every file. The watch does not see changes by background
 * processes, so call `forget` before the workspace is examined for publishing.
 */
export interface TreeWatch {
  /** The sandbox to use; the watch sees every change that is made through it. */
  readonly sandbox: Sandbox
  /** Undefined if any file may have changed. */
  known(): KnownTree | undefined
  forget(): void
  /** Call it before examining the workspace, then the returned function with the result, which is dropped if files may have changed. */
  beginLook(): (looked: string) => void
}

/** Marks commands that change nothing, in their environment. No repository can set it. */
export const ONLY_LOOKS = { GIT_OPTIONAL_LOCKS: '0' } as const

export function onlyLooks({ env }: Pick<ExecOptions, 'env'>): boolean {
  return env?.GIT_OPTIONAL_LOCKS === ONLY_LOOKS.GIT_OPTIONAL_LOCKS
}

/** The most touched files that are examined one by one. */
const MOST_TOUCHED = 20

/** @param path absolute path of the workspace. */
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

/** The last printed result, if the workspace certainly still has this tree. */
export function sameAs(watch: TreeWatch | undefined, tree: string): string | undefined {
  const known = watch?.known()
  return known?.touched.length === 0 && known.looked.startsWith(`${tree} `) ? known.looked : undefined
}
