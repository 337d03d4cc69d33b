"""flexible work

Revision ID: flexible_work
Revises: run_records
"""

import sqlalchemy as sa
from alembic import op

import models.base


revision = 'flexible_work'
down_revision = 'run_records'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('series', sa.Column('window_days', sa.Integer(), nullable=False, server_default='1'))
    op.add_column('activity', sa.Column('window_from', models.base.UtcDateTime(timezone=True), nullable=True))
    op.add_column('activity', sa.Column('window_until', models.base.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column('activity', 'window_until')
    op.drop_column('activity', 'window_from')
    op.drop_column('series', 'window_days')
