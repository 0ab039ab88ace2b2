import { roleOf } from '../../checks/file-roles.ts'
import { affectedProjects } from '../../checks/plans/affected-projects.ts'
import type { Verification } from '../../runs/verification.ts'
import { splitChange } from '../../verify/split-change.ts'
import { createTreeIds, type TreeIds } from '../../verify/tree-id.ts'
import type { VerifiedFile } from '../../verify/verified-file.ts'
import type { ProjectFacts } from '../setup/set-up-project.ts'
import type { VerifiedBase } from './open-room.ts'
import { proofWithoutRoom } from './prove-change.ts'

/** The paths of files; a renamed file has two. */
export function pathsOf(files: readonly VerifiedFile[]): readonly string[] {
  return files.flatMap(({ path, previousPath = path }) => [...new Set([previousPath, path])])
}

interface Request extends Pick<Verification, 'mode'> {
  readonly from: VerifiedBase
  readonly project: Pick<ProjectFacts, 'checks' | 'repository'>
  readonly files: readonly VerifiedFile[]
}

/**
 * Verifies a change without a clean sandbox, for a repository without checks. If the change may add a check, which shows
 * in manifests, configuration and names of files, a room is needed.
 *
 * @returns undefined if a room is needed.
 */
export async function verifyWithoutRoom(
  { from, mode, project, files }: Request,
  treeWith: TreeIds['withChange'] = createTreeIds(from.baseTree, from.base.tree).withChange,
): Promise<Verification | undefined> {
  const { checks, repository } = project
  if (checks.length > 0 || repository === undefined || !files.every(isEditOfSource)) return undefined
  const { projects, notChecked } = affectedProjects(repository, pathsOf(files))
  if (projects.length > 0) return undefined
  const tree = await treeWith(files)
  if (tree === undefined) return undefined
  const proof = await proofWithoutRoom(splitChange(files), { before: [], first: [], again: [] })
  return {
    mode,
    baseSha: from.base.sha,
    baseBranch: from.base.branch,
    tree,
    checks: [],
    regression: mode === 'full' ? proof?.regression : undefined,
    notChecked,
    differences: [],
    rooms: [],
  }
}

function isEditOfSource({ path, status }: VerifiedFile): boolean {
  const role = roleOf(path)
  return role === 'text' || (role === 'source' && status === 'modified')
}
