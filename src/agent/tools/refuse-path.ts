/** Workflows count at the root only; hooks and settings of agents are honoured in subfolders, too. */
const FOLDERS = /^\.github\/workflows\/|(?:^|\/)(?:\.claude|\.husky)\//
const NAMES = /(?:^|\/)(?:\.mcp\.json|codeowners)$/

/**
 * Why `edit` and `write` leave a file alone although it lies in the workspace: it decides what runs with the
 * repository's secrets, who must review, or what agents obey. Commands reach it all the same; the gate before
 * publishing is what keeps it from going out.
 *
 * @param relative from the root of the workspace, every link followed.
 */
export function refusePath(relative: string): string | undefined {
  const path = relative.normalize('NFC').toLowerCase()
  if (!FOLDERS.test(path) && !NAMES.test(path)) return undefined
  return `${relative} is changed by people only: it steers CI, reviews or agents. Leave it as it is; if the request needs it, write the change that a person should make into the notes of finish.`
}
