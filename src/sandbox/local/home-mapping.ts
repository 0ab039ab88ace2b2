/** Where the home of every sandbox seems to be. */
export const SHOWN_HOME = '/home/user'

/**
 * Lets a directory of this machine pass for `/home/user` where nothing can mount it there: paths are replaced in
 * what goes in (commands, working directories, environment) and in what comes out (output). No path of the host
 * gets out this way. Bytes of files are never touched.
 */
export interface HomeMapping {
  toReal(text: string): string
  toShown(text: string): string
  /** For text that comes in pieces: a path may be cut anywhere. `flush` gives what was held back. */
  createShownStream(emit: (text: string) => void): { write(text: string): void; flush(): void }
}

/** @param realHome absolute path without symbolic links. */
export function createHomeMapping(realHome: string): HomeMapping {
  const shown = new RegExp(`(?<![\\w./-])${SHOWN_HOME}(?![\\w.-])`, 'g')
  const toShown = (text: string) => text.replaceAll(realHome, SHOWN_HOME)
  return {
    toReal: (text) => text.replace(shown, () => realHome),
    toShown,
    createShownStream(emit) {
      let held = ''
      return {
        write(text) {
          const mapped = toShown(held + text)
          const keep = overlap(mapped, realHome)
          held = mapped.slice(mapped.length - keep)
          if (mapped.length > keep) emit(mapped.slice(0, mapped.length - keep))
        },
        flush() {
          if (held !== '') emit(held)
          held = ''
        },
      }
    },
  }
}

/** Length of the longest end of `text` with which `path` begins. */
function overlap(text: string, path: string): number {
  for (let length = Math.min(text.length, path.length - 1); length > 0; length--) {
    if (path.startsWith(text.slice(-length))) return length
  }
  return 0
}
