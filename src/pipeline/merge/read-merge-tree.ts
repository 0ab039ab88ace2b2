/** One version of a file that could not be merged, as an entry of git's index. */
export interface Stage {
  /** File mode, six octal digits. */
  readonly mode: string
  readonly sha: string
}

/** A path that git could not merge. */
export interface ConflictedPath {
  readonly path: string
  /** Versions in the common ancestor, the pull request's branch and its base; undefined where the file does not exist. */
  readonly ancestor: Stage | undefined
  readonly ours: Stage | undefined
  readonly theirs: Stage | undefined
  /** Git's messages about the conflict. */
  readonly says: readonly string[]
}

export interface MergedTree {
  /** Id of the merged tree, whose files have conflict markers. */
  readonly tree: string
  readonly conflicts: readonly ConflictedPath[]
}

const STAGE = /^(\d{6}) ([0-9a-f]{40}) ([123])\t([\s\S]+)$/
/** Kinds of messages that report no conflict. */
const HARMLESS = /^Auto-merging|^Skipped/

/**
 * Parses the output of `git merge-tree --write-tree -z`: the tree, the stages of each conflicted file, and messages.
 * https://git-scm.com/docs/git-merge-tree#OUTPUT
 *
 * @returns undefined if the text is no such output.
 */
export function readMergeTree(printed: string): MergedTree | undefined {
  const fields = printed.split('\0')
  const tree = fields.shift() ?? ''
  if (!/^[0-9a-f]{40}$/.test(tree)) return undefined
  const stages = new Map<string, Record<string, Stage>>()
  for (let field = fields.shift(); field !== undefined && field !== ''; field = fields.shift()) {
    const [, mode, sha, number, path] = STAGE.exec(field) ?? []
    if (!mode || !sha || !number || !path) return undefined
    stages.set(path, { ...stages.get(path), [number]: { mode, sha } })
  }
  const said = readMessages(fields)
  const conflicts = [...stages].map(([path, { 1: ancestor, 2: ours, 3: theirs }]) => {
    return { path, ancestor, ours, theirs, says: said.get(path) ?? [] }
  })
  return { tree, conflicts }
}

/** Reads messages. Each is a number of paths, the paths, a kind and a sentence. */
function readMessages(fields: string[]): Map<string, string[]> {
  const said = new Map<string, string[]>()
  while (fields.length > 2) {
    const paths = fields.splice(0, Number(fields.shift()) || 0)
    const [kind = '', text = ''] = fields.splice(0, 2)
    if (HARMLESS.test(kind)) continue
    for (const path of paths) said.set(path, [...(said.get(path) ?? []), text.trim()])
  }
  return said
}
