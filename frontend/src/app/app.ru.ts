import type { Translated } from '../i18n/messages.ts';
import type en from './app.en.ts';

export default {
  navigation: 'Основная навигация',
  skip: 'К содержанию',
  overview: 'Обзор',
  nodes: 'Узлы',
  services: 'Сервисы',
  traffic: 'Трафик',
  tasks: 'Задачи',
  firewall: 'Защита',
  certificates: 'Сертификаты',
  audit: 'Журнал',
  users: 'Пользователи',
  pipeline: 'Конвейер',
  more: 'Ещё',
  language: 'Language: English',
  dark: 'Тёмная тема',
  light: 'Светлая тема',
  notFound: 'Такой страницы нет',
  home: 'К узлам',
} satisfies Translated<typeof en>;
