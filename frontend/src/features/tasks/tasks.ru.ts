import type { Translated } from '../../i18n/messages.ts';
import type en from './tasks.en.ts';

export default {
  title: 'Задачи',
  subtitle: 'Работа, которую узлы забирают вместе с сигналом жизни.',
  none: 'Задач пока нет',
  noneHint: 'Задача появляется, когда сохраняют сервис.',
  type: 'Задача',
  types: {
    UPDATE_NGINX: 'Обновить nginx',
    SCALE: 'Задать число реплик',
    READ_CONTAINER: 'Прочитать настройки контейнера',
  },
  state: 'Состояние',
  states: {
    pending: 'Ожидает',
    delivered: 'Доставлена',
    running: 'Выполняется',
    succeeded: 'Выполнена',
    failed: 'Не удалась',
    expired: 'Просрочена',
    superseded: 'Заменена новой',
  },
  node: 'Узел',
  created: 'Создана',
  createdBy: 'кем: {who}',
  finished: 'Завершена',
  outcome: 'Итог',
  deliveries: 'доставок: {count}',
} satisfies Translated<typeof en>;
