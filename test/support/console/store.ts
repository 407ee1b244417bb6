import { readdirSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { AgentStore } from "./agent-store.ts";

const suffix = ".journal";

/** What the console has of all agents; the folder is all of its state. */
export class Store {
  readonly #folder: string;
  readonly #agents: Map<string, AgentStore>;

  private constructor(folder: string, agents: Map<string, AgentStore>) {
    this.#folder = folder;
    this.#agents = agents;
  }

  static async open(folder: string): Promise<Store> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const agents = new Map<string, AgentStore>();
    for (const name of readdirSync(folder)) {
      if (!name.endsWith(suffix)) continue;
      agents.set(name.slice(0, -suffix.length), await AgentStore.open(join(folder, name)));
    }
    return new Store(folder, agents);
  }

  /** Opens the store of an agent that enrolled; its id is one that the console made. */
  async add(agentId: string): Promise<void> {
    if (this.#agents.has(agentId)) return;
    const path = join(this.#folder, `${agentId}${suffix}`);
    this.#agents.set(agentId, await AgentStore.open(path));
  }

  /** Gives the store of an agent; throws for one that never enrolled. */
  of(agentId: string): AgentStore {
    const agent = this.#agents.get(agentId);
    if (agent === undefined) throw new RangeError(`Cannot read store: there is no "${agentId}"`);
    return agent;
  }

  get agentIds(): readonly string[] {
    return [...this.#agents.keys()];
  }

  async close(): Promise<void> {
    await Promise.all([...this.#agents.values()].map(async (agent) => await agent.close()));
  }
}
