import { TASK_TYPES_RUN } from '../tasks/task-handler.js';
import { mintToken, WorkflowAccess } from '@app/auth';
import { activityIdOf } from '@app/events';
import { aDispatch, anEvent, EVENT_LIMITS } from '@app/events/testing';
import { NoActivityNotices } from '@app/messaging';
import { FlowMetrics } from '@app/observability';
import { MemoryLog } from '@app/observability/testing';
import { newActivityOf, RunQuotas, StoreUnavailableError, WorkflowCache } from '@app/persistence';
import {
  aRevision,
  aWorkflow,
  MemoryActivityStore,
  MemoryRejectedRequestStore,
  MemoryWorkflowStore,
  NOW,
} from '@app/persistence/testing';
import { aDefinition, anHttpTask } from '@app/workflow-engine/testing';
import { ActiveRuns } from '../runs/driving/active-runs.js';
import { Plans } from '../runs/starting/plans.js';
import { RunBreaker } from '../runs/run-end.js';
import { RunStarter } from '../runs/starting/run-starter.js';
import { Semaphore } from '../runs/driving/semaphore.js';
import { HandDrivenTasks } from '../tasks/testing/hand-driven-tasks.js';
import { BatchIntake } from './batch-intake.js';
import { DirectEvents } from './direct-events.js';
import { DispatchController } from './dispatch.controller.js';
import { SignalDelivery } from '../runs/signals/signal-delivery.js';
import { SignalOffers } from '../runs/signals/signal-offers.js';
import { ExhaustedTasks } from './exhausted-tasks.js';
import { WorkerAnswers } from './worker-answers.js';
import { DispatchIntake } from './dispatch-intake.js';
import { NotificationIntake } from './notification-intake.js';
import { memoryScopes } from '../runs/testing/memory-scopes.js';
import { runParts } from '../runs/testing/run-parts.js';

const { id: workflowId, latestRevision: workflowRevision } = aWorkflow();
const DISPATCH = aDispatch({ workflowId, workflowRevision, recorded: false });
const OTHER = { ...DISPATCH.event, data: { kind: 'text', text: 'other' } } as const;

/** A message is acknowledged when its handler resolves, so this says when. */
describe(DispatchController.name, () => {
  let workflows: MemoryWorkflowStore;
  let store: MemoryActivityStore;
  let metrics: FlowMetrics;
  let runs: ActiveRuns;
  let controller: DispatchController;
  let starter: RunStarter;
  let log: MemoryLog;

  beforeEach(async () => {
    const clock = (): number => NOW;
    log = new MemoryLog();
    workflows = new MemoryWorkflowStore();
    await workflows.create(
      aWorkflow(),
      aRevision({ definition: aDefinition([anHttpTask('call')]) }),
    );
    store = new MemoryActivityStore();
    const tasks = new HandDrivenTasks();
    const parts = runParts(store, tasks, clock);
    metrics = new FlowMetrics();
    runs = new ActiveRuns(new Semaphore(10), parts, metrics, log);
    const workflowCache = new WorkflowCache(workflows);
    const breaker = new RunBreaker(store, clock, metrics, log);
    starter = new RunStarter(
      new Plans(workflowCache, 10, TASK_TYPES_RUN),
      runs,
      store,
      clock,
      breaker,
      memoryScopes(),
    );
    const notices = new NoActivityNotices();
    const access = new WorkflowAccess(
      workflowCache,
      new MemoryRejectedRequestStore(store),
      clock,
      true,
    );
    const bounds = { deliveriesMax: 1, waitingMax: 1 };
    const delivery = new SignalDelivery(notices, runs, store, starter, bounds, log);
    const queues = { queued: () => Promise.resolve(undefined), remove: () => Promise.resolve() };
    const quotas = new RunQuotas(async () => 1, { runsPerMonth: 0 });
    const notifications = new NotificationIntake(store, starter, runs, notices);
    const intake = new DispatchIntake(
      new DirectEvents(access, store, quotas, clock, metrics),
      notifications,
      store,
      starter,
      clock,
      metrics,
      log,
    );
    controller = new DispatchController(
      intake,
      new BatchIntake(intake, { split: () => Promise.resolve() }),
      notifications,
      new WorkerAnswers(store, delivery, new SignalOffers(store, runs, starter)),
      new ExhaustedTasks(queues, store, delivery, EVENT_LIMITS, clock, metrics, log),
    );
  });

  afterEach(async () => {
    await runs.stop(0);
  });

  it('acknowledges a message once its activity is claimed, while calls go on', async () => {
    await controller.dispatch({ kind: 'signed', dispatch: DISPATCH });

    const activity = await store.get(DISPATCH.activityId);
    expect(activity).toMatchObject({ status: 'running', leaseOwner: runs.owner });
  });

  it.each([true, false])(
    'does not acknowledge while MongoDB is gone (recorded: %s)',
    async (recorded) => {
      store.outage.begin();
      const handling = controller.dispatch({
        kind: 'signed',
        dispatch: { ...DISPATCH, recorded },
      });

      await expect(handling).rejects.toThrow(StoreUnavailableError);
    },
  );

  it('counts a conflicting event that the ingress could not refuse, and does not run it', async () => {
    const { event } = DISPATCH;
    await controller.dispatch({ kind: 'signed', dispatch: DISPATCH });
    const other = { ...event, data: { kind: 'text', text: 'something else' } as const };
    await controller.dispatch({ kind: 'signed', dispatch: { ...DISPATCH, event: other } });

    expect(await store.get(DISPATCH.activityId)).toMatchObject({ event });
    expect(await metrics.registry.metrics()).toContain('flow_events_conflict_total 1');
  });

  it('applies the filter to events that are published past the ingress', async () => {
    const { text, token } = mintToken('a service', NOW);
    const filter = { exact: { type: 'wanted' } };
    await workflows.addToken(workflowId, token);
    await workflows.switch(
      workflowId,
      { triggers: { event: { enabled: true, filter } } },
      undefined,
    );
    const publish = async (type: string): Promise<unknown> => {
      const event = anEvent({
        subject: `/${workflowId}`,
        id: type,
        type,
        extensions: { token: text },
      });
      await controller.dispatch({ kind: 'unsigned', event });
      return store.get(activityIdOf(workflowId, event.source, type));
    };

    expect(await publish('unwanted')).toBeUndefined();
    expect(await publish('wanted')).toMatchObject({ event: { type: 'wanted' } });
    expect(await metrics.registry.metrics()).toContain('flow_events_filtered_total 1');
  });

  it('rejects an event that is published past the ingress if the quota is used up', async () => {
    const { text, token } = mintToken('a service', NOW);
    await workflows.addToken(workflowId, token);
    await workflows.switch(workflowId, { quotas: { runsPerMonth: 1 } }, undefined);
    const event = anEvent({ subject: `/${workflowId}`, extensions: { token: text } });

    await expect(controller.dispatch({ kind: 'unsigned', event })).rejects.toMatchObject({
      code: 'QUOTA_EXCEEDED',
      kind: 'forbidden',
    });
    expect(await store.get(activityIdOf(workflowId, event.source, event.id))).toBeUndefined();
  });

  it.each([
    ['takes what was accepted first when the other has not begun', false],
    ['keeps what has begun, although the other was accepted first', true],
  ])('%s, and counts a conflict', async (_, hasBegun) => {
    const { event, activityId } = DISPATCH;
    const later = newActivityOf({ ...DISPATCH, event: OTHER, acceptedAt: NOW + 1 }, NOW + 30_000);
    await store.record(later);
    if (hasBegun) await starter.startNew(later);

    await controller.dispatch({ kind: 'signed', dispatch: { ...DISPATCH, acceptedAt: NOW } });

    const found = await store.get(activityId);
    expect(found?.event).toEqual(hasBegun ? OTHER : event);
    expect(found).toMatchObject({
      conflicts: 1,
      ...(!hasBegun && { createdAt: NOW, wakeAt: NOW }),
    });
    expect(await metrics.registry.metrics()).toContain('flow_events_conflict_total 1');
    expect(log.lines.filter(({ level }) => level === 'warn')).toMatchObject([
      { fields: { activityId, acceptedAt: NOW } },
    ]);
  });
});
