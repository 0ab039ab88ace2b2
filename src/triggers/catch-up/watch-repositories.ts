import type { AppInstallations } from '../../github/app-installations.ts'
import { listInstallations } from '../../github/list-installations.ts'
import { listInstalledRepositories } from '../../github/list-installed-repositories.ts'
import type { WatchedRepositories } from '../../runs/deliveries/watched-repositories.ts'

/**
 * Brings the list of watched repositories up to date with what the App is installed on.
 *
 * @throws {BackspaceError} the first trouble, after the other installations were listed all the same.
 */
export async function watchRepositories(
  { github, watched }: { readonly github: AppInstallations; readonly watched: WatchedRepositories },
  signal: AbortSignal,
): Promise<void> {
  const installations = await listInstallations(github.asApp(signal))
  const troubles: unknown[] = []
  for (const id of installations) {
    try {
      await watched.replace(id, await listInstalledRepositories(github.reader(id, signal)))
    } catch (error) {
      signal.throwIfAborted()
      troubles.push(error)
    }
  }
  await watched.keepInstallations(installations)
  if (troubles.length > 0) throw troubles[0]
}
