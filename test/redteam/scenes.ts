import { AGENT_SETTINGS } from './scenes/agent-settings.ts'
import { CALLERS } from './scenes/callers.ts'
import { CREDENTIALS } from './scenes/credentials.ts'
import { GIT_TRAPS } from './scenes/git-traps.ts'
import { HOST } from './scenes/host.ts'
import { HTTP_CALLERS } from './scenes/http-callers.ts'
import { E2B_NETWORK, NETWORK } from './scenes/network.ts'
import { PUBLISH } from './scenes/publish.ts'
import { RESOURCES } from './scenes/resources.ts'
import { WORDS } from './scenes/words.ts'
import type { Place, Scene, Target, Verdict } from './target.ts'

const SCENES: readonly Scene[] = [
  CREDENTIALS,
  NETWORK,
  E2B_NETWORK,
  HOST,
  GIT_TRAPS,
  AGENT_SETTINGS,
  PUBLISH,
  WORDS,
  CALLERS,
  HTTP_CALLERS,
  RESOURCES,
]

/** The scenes that can be tried in a sandbox. */
export function scenesFor(place: Place): readonly Scene[] {
  return SCENES.filter(({ places }) => places === undefined || places.includes(place))
}

/** Plays a scene; one that breaks is an attack that nothing is known to contain. */
export async function play(scene: Scene, target: Target): Promise<readonly Verdict[]> {
  try {
    return await scene.attack(target)
  } catch (error) {
    const evidence = `the scene broke: ${error instanceof Error ? error.message : String(error)}`
    return [{ attack: `scene ${scene.name}`, threat: '-', layer: '-', contained: false, evidence }]
  }
}
