import type { ChildProcess } from 'node:child_process'
import { errnoWords } from './errno-words.ts'

/** `~/.profile` of a new user, in short: Debian’s reads `~/.bashrc`, and E2B’s `/etc/profile` reads both before it. */
export const PROFILE = `if [ -n "$BASH_VERSION" ]; then
    if [ -f "$HOME/.bashrc" ]; then
        . "$HOME/.bashrc"
    fi
fi
if [ -d "$HOME/.local/bin" ]; then
    PATH="$HOME/.local/bin:$PATH"
fi
`

/** @returns the pid. @throws {Error} when the process does not start. */
export function awaitStart(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(cannotStart(error)))
    if (child.pid !== undefined) resolve(child.pid)
  })
}

/** @param error of the kernel. @returns what envd says. */
export function cannotStart(error: unknown): Error {
  return new Error(`fork/exec /bin/sh: ${errnoWords(error)}`)
}
