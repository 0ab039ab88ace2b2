import { parseRepoSettings, SETTINGS_PATHS } from '../../checks/repo-settings.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import type { Base } from '../workspace/workspace.ts'
import type { RepositoryRules } from './repository-rules.ts'

/**
 * The E2B template that the base commit asks for, if the operator allows it. It is read on the host, since there is no
 * sandbox yet. If the operator allows no templates, GitHub is not asked. Setup reports why a template was not used.
 *
 * @returns undefined for the operator's own template.
 */
export async function chooseTemplate(
  access: RepositoryAccess,
  { sha }: Pick<Base, 'sha'>,
  { templates, readOwnerDefaults, texts }: Pick<RepositoryRules, 'templates' | 'readOwnerDefaults' | 'texts'>,
): Promise<string | undefined> {
  if (templates.length === 0) return undefined
  let asked: string | undefined
  for (const path of SETTINGS_PATHS) {
    const text = await texts.read(access, { path, ref: sha })
    if (text === undefined) continue
    asked = parseRepoSettings(text, path).template
    break
  }
  const template = asked ?? (await readOwnerDefaults(access))?.settings?.template
  return template !== undefined && templates.includes(template) ? template : undefined
}
