import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The references of a bare repository and the objects they name, in git's order. Read from its files: most requests ask
 * for some, and starting git takes a hundred times as long. Symbolic references are left out.
 */
export function readReferences(path: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const line of (read(join(path, 'packed-refs')) ?? '').split('\n')) {
    const [, sha, ref] = /^([0-9a-f]{40}) (.+)$/.exec(line) ?? []
    if (sha !== undefined && ref !== undefined) found.set(ref, sha)
  }
  addLoose(join(path, 'refs'), 'refs', found)
  return new Map([...found].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
}

function addLoose(directory: string, name: string, found: Map<string, string>): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const [path, ref] = [join(directory, entry.name), `${name}/${entry.name}`]
    // A name that ends like this is of git's own lock.
    if (entry.isDirectory()) addLoose(path, ref, found)
    else if (!ref.endsWith('.lock')) {
      // Deleted since, if it is not there.
      const sha = read(path)?.trim()
      if (sha !== undefined && /^[0-9a-f]{40}$/.test(sha)) found.set(ref, sha)
    }
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
