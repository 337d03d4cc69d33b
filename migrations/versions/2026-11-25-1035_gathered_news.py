"""gathered news

Revision ID: gathered_news
Revises: mail_pace
"""

import sqlalchemy as sa
from alembic import op


revision = 'gathered_news'
down_revision = 'mail_pace'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('message') as batch:
        batch.add_column(sa.Column('can_wait', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column('gathered_id', sa.Integer(), nullable=True))
        batch.create_foreign_key(op.f('fk_message_gathered_id'), 'message', ['gathered_id'], ['id'])
        batch.create_index(op.f('ix_message_gathered_id'), ['gathered_id'])
        batch.create_index(
            'ix_message_waits',
            ['to_address'],
            sqlite_where=sa.text("can_wait AND state = 'queued'"),
            postgresql_where=sa.text("can_wait AND state = 'queued'"),
        )
    with op.batch_alter_table('message') as batch:
        batch.alter_column('can_wait', server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('message') as batch:
        batch.drop_index('ix_message_waits')
        batch.drop_index(op.f('ix_message_gathered_id'))
        batch.drop_constraint(op.f('fk_message_gathered_id'), type_='foreignkey')
        batch.drop_column('gathered_id')
        batch.drop_column('can_wait')
