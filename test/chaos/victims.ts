import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { primaryOf } from '../../tools/servers/mongod-replica-set.mjs';
import { natsMemberName } from '../../tools/servers/nats-cluster.mjs';
import { type RestartableServer } from '../../tools/servers/restartable-server.mjs';
import { type FlowSystem } from '../support/flow-system.js';
import { type Lane } from './chaos-settings.js';
import { type Fault, type Victim } from './fault.js';

/** Of the lane; without one, the stream whose loss would cost events. */
export function streamOf(lane: Lane = 'events'): string {
  return `FLOW_${lane.toUpperCase()}`;
}

/** The servers that a fault is injected into, as they are at this moment. */
export async function victimsOf(
  fault: Fault,
  system: FlowSystem,
  lane: Lane | undefined,
): Promise<readonly RestartableServer[]> {
  const natsServers = system.natsServers.map(({ server }) => server);
  switch (fault.kind) {
    case 'kill':
    case 'pause':
      return [await serverOf(fault.victim, system, lane)];
    case 'wipe':
      return natsServers;
    case 'outage':
      return [
        ...(fault.of === 'nats' ? [] : system.mongods),
        ...(fault.of === 'mongodb' ? [] : natsServers),
      ];
  }
}

async function serverOf(
  victim: Victim,
  system: FlowSystem,
  lane: Lane | undefined,
): Promise<RestartableServer> {
  switch (victim) {
    case 'listener':
      return system.listener;
    case 'executor-1':
      return system.executors[0];
    case 'executor-2':
      return system.executors[1] ?? system.executors[0];
    case 'mongod':
      return primary(system);
    case 'nats':
      return natsLeader(system, lane);
  }
}

/** The mongod that takes the writes. */
async function primary({ mongod, mongods }: FlowSystem): Promise<RestartableServer> {
  return mongods.length === 1 ? mongod : primaryOf(mongods);
}

/** The nats-server that leads the lane's stream; any of them while none does. */
async function natsLeader(system: FlowSystem, lane: Lane | undefined): Promise<RestartableServer> {
  const { nats, natsServers } = system;
  if (natsServers.length === 1) return nats;
  const leader = await leaderOf(streamOf(lane), system).catch(() => undefined);
  return natsServers.find((_, index) => natsMemberName(index) === leader)?.server ?? nats;
}

async function leaderOf(stream: string, { natsUrl = '' }: FlowSystem): Promise<string | undefined> {
  const connection = await connect({ servers: natsUrl.split(','), timeout: 2_000 });
  try {
    const { streams } = await jetstreamManager(connection);
    return (await streams.info(stream)).cluster?.leader;
  } finally {
    await connection.close();
  }
}
